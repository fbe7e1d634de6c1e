"""The URIs of the specifications, written down here once more, independently of the tool."""

# LTI 1.3 core, section 5 and appendix C: https://www.imsglobal.org/spec/lti/v1p3/
LTI = "https://purl.imsglobal.org/spec/lti/claim"
RESOURCE_LINK_MESSAGE = "LtiResourceLinkRequest"
# https://www.imsglobal.org/spec/lti-sr/v1p0 and LTI Data Privacy Launch 1.0
REVIEW_MESSAGE = "LtiSubmissionReviewRequest"
PRIVACY_MESSAGE = "DataPrivacyLaunchRequest"
PICK_MESSAGE = "LtiDeepLinkingRequest"
PICKED_MESSAGE = "LtiDeepLinkingResponse"
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

# Deep Linking 2.0, sections 3 and 4: https://www.imsglobal.org/spec/lti-dl/v2p0/
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim"
LINK_TYPE = "ltiResourceLink"

# NRPS 2.0, sections 2 and 3: https://www.imsglobal.org/spec/lti-nrps/v2p0/
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
ROSTER_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

BASIC_OUTCOME_CLAIM = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"

AGS_SCOPES = (LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE, RESULT_SCOPE, SCORE_SCOPE)

# Course Groups Service 1.0: https://www.imsglobal.org/spec/lti-gs/v1p0/
GROUPS_CLAIM = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
GROUPS_SCOPE = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"

# Platform Notification Service 1.0: https://www.imsglobal.org/spec/lti-pns/v1p0/
NOTICES_CLAIM = f"{LTI}/platformnotificationservice"
NOTICES_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
HELLO_WORLD_NOTICE = "LtiHelloWorldNotice"
CONTEXT_COPY_NOTICE = "LtiContextCopyNotice"
NOTICE_TYPES = (HELLO_WORLD_NOTICE, CONTEXT_COPY_NOTICE)

ALL_SCOPES = (*AGS_SCOPES, ROSTER_SCOPE, GROUPS_SCOPE, NOTICES_SCOPE)

# LTI 1.3 core, appendix A: role vocabularies
COURSE_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
COURSE_OFFERING = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"

# Security framework 1.0, section 4.1: https://www.imsglobal.org/spec/security/v1p0/
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
