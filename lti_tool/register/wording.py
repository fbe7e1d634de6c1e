"""Words for how entries stand and what happened to them, the same on every page."""

from flask_babel import lazy_gettext

from lti_tool.register.rules import Act, By, Standing

STANDINGS = {
    Standing.IN_FORCE: lazy_gettext("Recognised"),
    Standing.ENDED: lazy_gettext("Recognition has ended"),
    Standing.SUSPENDED: lazy_gettext("Suspended"),
}

ACTS = {
    Act.RECOGNISED: lazy_gettext("Recognised"),
    Act.RENEWED: lazy_gettext("Renewed"),
    Act.RENEWAL_ASKED: lazy_gettext("Renewal asked for"),
    Act.SUSPENDED: lazy_gettext("Suspended"),
    Act.RESTORED: lazy_gettext("Restored"),
    Act.SHOWN: lazy_gettext("Shown to the public"),
    Act.HIDDEN: lazy_gettext("Hidden from the public"),
    Act.NAMED: lazy_gettext("Name changed"),
    Act.PLACED: lazy_gettext("Place changed"),
}

AUTHORS = {
    By.OWNER: lazy_gettext("the owner"),
    By.ADMINISTRATOR: lazy_gettext("an administrator"),
    By.REVIEW: lazy_gettext("after a review"),
    By.OPERATOR: lazy_gettext("the operator of this service"),
}
