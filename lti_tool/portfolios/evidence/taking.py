"""Files that come whole: by the plain form, or from where their owner keeps them already."""

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, TooLarge
from lti_tool.kernel.runtime import Runtime
from lti_tool.kernel.text import N_
from lti_tool.portfolios.evidence.services import ForTask, check_task
from lti_tool.portfolios.services import Task
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.facts import FileView
from lti_tool.storage.kinds.refusals import NotEvidence
from lti_tool.storage.uploads.finishing import discard_objects, finish_upload
from lti_tool.storage.uploads.queries import limits_of
from lti_tool.storage.uploads.receiving import Body, receive_part
from lti_tool.storage.uploads.rules import LARGEST_PART, MEGABYTE, Wish
from lti_tool.storage.uploads.services import abandon_upload, begin_upload


def check_whole(size: int) -> None:
    """Raises `TooLarge` for a file that one request does not carry."""
    if size > LARGEST_PART:
        raise TooLarge(
            N_("Without the page’s script, a file can have %(limit)s MB at most."),
            code="file-too-large-at-once",
            advice=N_(
                "Open this page in a browser with scripts on: it sends large files in parts."
            ),
            params={"limit": LARGEST_PART // MEGABYTE},
        )


def take_whole(runtime: Runtime, actor: Actor, task: Task, wish: Wish, body: Body) -> FileView:
    """Makes a file that is at hand evidence for a task, and returns it.

    Call it outside any transaction. It goes the way of an upload, so that it is checked, cleaned,
    counted and scanned like one; whatever is refused leaves nothing behind. Raises as
    `begin_upload`, `receive_part` and `finish_upload` do.
    """
    database, settings = runtime.database, runtime.settings
    blobs = open_blobs(settings)
    with database.transaction() as session:
        check_task(session, actor, task)
        upload = begin_upload(session, actor, wish, limits_of(settings))
    try:
        receive_part(database, blobs, actor, upload.public_id, 0, body)
        return finish_upload(
            database,
            blobs,
            actor,
            upload.public_id,
            scan=bool(settings.clamav),
            purpose=ForTask(actor, task),
        )
    except NotEvidence:
        raise  # the upload is forgotten already
    except ImhcfError:
        with database.transaction() as session:
            abandon_upload(session, actor, upload.public_id)
        discard_objects(blobs, upload.public_id)
        raise
