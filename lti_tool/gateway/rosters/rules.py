"""What is done with notices, and how often a roster is tried. Pure."""

from datetime import timedelta

REGISTER = "notices.register"

# A roster that does not come is given up for now: the next tutor who looks asks again.
MOST_TRIES = 6
# So many notices in one request are honest; Canvas sends up to a hundred.
MOST_NOTICES = 100
MOST_NOTICE_BYTES = 1024 * 1024
# So many courses may one course be a copy of, in one notice.
MOST_ORIGINS = 20
# A deployment whose LMS refused our address is asked again after this, when somebody new comes.
ASK_AGAIN_AFTER = timedelta(days=1)
