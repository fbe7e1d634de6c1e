"""The names that the specifications fix: claims, scopes, message types, media types.

LTI Core 1.3        https://www.imsglobal.org/spec/lti/v1p3/
Security 1.0        https://www.imsglobal.org/spec/security/v1p0/
Deep Linking 2.0    https://www.imsglobal.org/spec/lti-dl/v2p0/
AGS 2.0             https://www.imsglobal.org/spec/lti-ags/v2p0/
NRPS 2.0            https://www.imsglobal.org/spec/lti-nrps/v2p0/
Course Groups 1.0   https://www.imsglobal.org/spec/lti-gs/v1p0/
Notifications 1.0   https://www.imsglobal.org/spec/lti-pns/v1p0/
Submission Review   https://www.imsglobal.org/spec/lti-sr/v1p0/
"""

# LTI Core 1.3, §5.3 (required) and §5.4 (optional message claims)
_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE = _LTI + "message_type"
VERSION = _LTI + "version"
DEPLOYMENT_ID = _LTI + "deployment_id"
TARGET_LINK_URI = _LTI + "target_link_uri"
RESOURCE_LINK = _LTI + "resource_link"
ROLES = _LTI + "roles"
CONTEXT = _LTI + "context"
TOOL_PLATFORM = _LTI + "tool_platform"
ROLE_SCOPE_MENTOR = _LTI + "role_scope_mentor"
LAUNCH_PRESENTATION = _LTI + "launch_presentation"
CUSTOM = _LTI + "custom"
# Submission Review 1.0, “For user claim”; LTI 1.1 to 1.3 Migration Guide, “lti1p1 claim”
FOR_USER = _LTI + "for_user"
LTI_1P1 = _LTI + "lti1p1"

# The claims of the three Advantage services
DEEP_LINKING_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
_DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
CONTENT_ITEMS = _DL + "content_items"
DEEP_LINKING_DATA = _DL + "data"
DEEP_LINKING_MESSAGE = _DL + "msg"
DEEP_LINKING_ERROR = _DL + "errormsg"
DEEP_LINKING_ERROR_LOG = _DL + "errorlog"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

# Course Groups 1.0, “Groups service claim”; Platform Notification Service 1.0, “Claim” and
# “Context copy notice”
GROUPS_SERVICE = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
NOTICE_SERVICE = _LTI + "platformnotificationservice"
NOTICE = _LTI + "notice"
ORIGIN_CONTEXTS = _LTI + "origin_contexts"
HELLO_WORLD_NOTICE = "LtiHelloWorldNotice"
CONTEXT_COPY_NOTICE = "LtiContextCopyNotice"
NOTICE_TYPES = (HELLO_WORLD_NOTICE, CONTEXT_COPY_NOTICE)

# LTI Core 1.3, §5.3.1 and §5.3.2; Deep Linking 2.0, “Deep linking request message”
LTI_VERSION = "1.3.0"
RESOURCE_LINK_REQUEST = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE = "LtiDeepLinkingResponse"
# Submission Review 1.0; LTI Data Privacy Launch 1.0
SUBMISSION_REVIEW_REQUEST = "LtiSubmissionReviewRequest"
DATA_PRIVACY_REQUEST = "DataPrivacyLaunchRequest"
MESSAGE_TYPES = frozenset(
    {
        RESOURCE_LINK_REQUEST,
        DEEP_LINKING_REQUEST,
        SUBMISSION_REVIEW_REQUEST,
        DATA_PRIVACY_REQUEST,
    }
)

# AGS 2.0, “Scope and allowed HTTP methods”; NRPS 2.0, “Scope and service security”
_AGS_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPE_LINE_ITEM = _AGS_SCOPE + "lineitem"
SCOPE_LINE_ITEM_READONLY = _AGS_SCOPE + "lineitem.readonly"
SCOPE_RESULT = _AGS_SCOPE + "result.readonly"
SCOPE_SCORE = _AGS_SCOPE + "score"
SCOPE_MEMBERSHIPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPE_CONTEXT_GROUPS = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
SCOPE_NOTICE_HANDLERS = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"

# Moodle compares these with the whole header: no charset may be added.
MEDIA_LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
MEDIA_LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
MEDIA_SCORE = "application/vnd.ims.lis.v1.score+json"
MEDIA_RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEDIA_MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MEDIA_GROUPS = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"

# Security 1.0, §4.1.1; RFC 7523, §2.2
GRANT_TYPE = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

# https://developerdocs.instructure.com/services/canvas/resources/score
CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"

# Canvas refuses calls without one.
USER_AGENT = "imhcf-tool (LTI 1.3 Advantage)"
