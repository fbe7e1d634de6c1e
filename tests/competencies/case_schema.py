"""JSON Schemas of what CASE 1.1 requires, written from its information model (1EdTech, 2024).

Only names that the model knows are let in, so that a slip in one does not pass as an extension.
"""

from typing import Any

Schema = dict[str, Any]

_UUID = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
}
_URI = {"type": "string", "pattern": r"^https?://\S+$"}
_TEXT = {"type": "string", "minLength": 1}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"}
_LANGUAGE = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"}
_ASSOCIATION_TYPES = [
    *("isChildOf", "isPeerOf", "isPartOf", "exactMatchOf", "precedes", "isRelatedTo"),
    *("replacedBy", "exemplar", "hasSkillLevel", "isTranslationOf"),
]


def _object(required: Schema, **optional: Any) -> Schema:
    return {
        "type": "object",
        "required": list(required),
        "properties": required | optional,
        "additionalProperties": False,
    }


LINK = _object({"title": _TEXT, "identifier": _UUID, "uri": _URI})
_COMMON = {"identifier": _UUID, "uri": _URI, "lastChangeDateTime": _TIME}
_DOCUMENT: Schema = {**_COMMON, "creator": _TEXT, "title": _TEXT}
_DOCUMENT_MORE: Schema = {
    "officialSourceURL": _URI,
    "publisher": _TEXT,
    "description": _TEXT,
    "language": _LANGUAGE,
    "version": _TEXT,
    "caseVersion": {"const": "1.1"},
    "adoptionStatus": {"enum": ["Private Draft", "Draft", "Adopted", "Deprecated"]},
    "notes": _TEXT,
}
_ITEM: Schema = {**_COMMON, "fullStatement": _TEXT}
_ITEM_MORE: Schema = {
    "alternativeLabel": _TEXT,
    "CFItemType": _TEXT,
    "humanCodingScheme": _TEXT,
    "listEnumeration": _TEXT,
    "abbreviatedStatement": _TEXT,
    "notes": _TEXT,
    "language": _LANGUAGE,
}
_ASSOCIATION: Schema = {
    **_COMMON,
    "associationType": {"enum": _ASSOCIATION_TYPES},
    "originNodeURI": LINK,
    "destinationNodeURI": LINK,
}
_ASSOCIATION_MORE: Schema = {"sequenceNumber": {"type": "integer", "minimum": 1}, "notes": _TEXT}

DOCUMENT = _object({**_DOCUMENT, "CFPackageURI": LINK}, **_DOCUMENT_MORE)
ITEM = _object({**_ITEM, "CFDocumentURI": LINK}, **_ITEM_MORE)
ASSOCIATION = _object(_ASSOCIATION, CFDocumentURI=LINK, **_ASSOCIATION_MORE)
DOCUMENTS = _object({"CFDocuments": {"type": "array", "items": DOCUMENT}})
ITEM_ASSOCIATIONS = _object(
    {"CFItem": ITEM, "CFAssociations": {"type": "array", "items": ASSOCIATION}}
)
# Inside a package, parts do not link back to the document that they stand in.
PACKAGE = _object(
    {"CFDocument": _object(_DOCUMENT, **_DOCUMENT_MORE)},
    CFItems={"type": "array", "items": _object(_ITEM, **_ITEM_MORE)},
    CFAssociations={"type": "array", "items": _object(_ASSOCIATION, **_ASSOCIATION_MORE)},
)
_MINOR = _object(
    {
        "imsx_codeMinorFieldName": _TEXT,
        "imsx_codeMinorFieldValue": {
            "enum": [
                *("fullsuccess", "invalid_sort_field", "invalid_selection_field", "forbidden"),
                *("unauthorisedrequest", "internal_server_error", "unknownobject"),
                *("server_busy", "invaliduuid"),
            ]
        },
    }
)
STATUS_INFO = _object(
    {
        "imsx_codeMajor": {"enum": ["success", "processing", "failure", "unsupported"]},
        "imsx_severity": {"enum": ["status", "warning", "error"]},
    },
    imsx_description=_TEXT,
    imsx_codeMinor=_object({"imsx_codeMinorField": {"type": "array", "items": _MINOR}}),
)
