"""The URIs of the specifications, written down here once more, independently of the tool."""

# LTI 1.3 core, section 5 and appendix C: https://www.imsglobal.org/spec/lti/v1p3/
LTI = "https://purl.imsglobal.org/spec/lti/claim"
RESOURCE_LINK_MESSAGE = "LtiResourceLinkRequest"
VERSION = "1.3.0"

# AGS 2.0, sections 3.1 to 3.4: https://www.imsglobal.org/spec/lti-ags/v2p0/
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
LINE_ITEM_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READ_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
ACTIVITY_PROGRESS = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING_PROGRESS = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")

# NRPS 2.0, sections 2 and 3: https://www.imsglobal.org/spec/lti-nrps/v2p0/
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

BASIC_OUTCOME_CLAIM = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"

AGS_SCOPES = (LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE, RESULT_SCOPE, SCORE_SCOPE)
ALL_SCOPES = (*AGS_SCOPES, ROSTER_SCOPE)

# LTI 1.3 core, appendix A: role vocabularies
COURSE_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"

# Security framework 1.0, section 4.1: https://www.imsglobal.org/spec/security/v1p0/
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
