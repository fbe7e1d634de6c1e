"""From an account as typed, which is Markdown, to HTML that is safe on a page.

Two libraries stand between a text and a page: markdown-it-py, which is told to know no HTML and
no images, and nh3, which lets nothing through that is not listed here.
"""

from collections.abc import MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

TAGS = {
    *("p", "br", "hr", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a"),
    *("h3", "h4", "h5", "h6"),
}
SCHEMES = {"http", "https"}
# An account stands under the headings of its page: its own first ones come after them.
_HEADINGS_BELOW = 2


def formatted(text: str) -> Markup:
    """Returns an account as HTML. Whatever was typed, no more than `TAGS` comes out."""
    return Markup(  # nosec B704  # noqa: S704 - just cleaned by a library that does nothing else
        nh3.clean(
            _MARKDOWN.render(text),
            tags=TAGS,
            attributes={"a": {"href", "target"}, "ol": {"start"}},
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer nofollow ugc",
        )
    )


class _Renderer(RendererHTML):
    """Puts headings below those of the page, and says where a link leads."""

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, _env: Any
    ) -> str:
        tokens[idx].tag = _lower(tokens[idx].tag)
        return self.renderToken(tokens, idx, options, {})

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, _env: Any
    ) -> str:
        tokens[idx].tag = _lower(tokens[idx].tag)
        return self.renderToken(tokens, idx, options, {})

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        address = str(tokens[idx].attrGet("href") or "")
        said = "".join(token.content for token in tokens[idx + 1 : idx + 2])
        env.setdefault("addresses", []).append("" if said == address else address)
        tokens[idx].attrSet("target", "_blank")
        return self.renderToken(tokens, idx, options, env)

    def link_close(
        self,
        _tokens: Sequence[Token],
        _idx: int,
        _options: OptionsDict,
        env: MutableMapping[str, Any],
    ) -> str:
        address = env["addresses"].pop() if env.get("addresses") else ""
        return f"</a> ({_escaped(address)})" if address else "</a>"


def _lower(tag: str) -> str:
    return f"h{min(int(tag[1:]) + _HEADINGS_BELOW, 6)}"


def _escaped(text: str) -> str:
    return str(Markup.escape(text))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc)


def _make() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    made.disable(["image", "html_block", "html_inline", "reference"])
    made.validateLink = _is_address  # type: ignore[method-assign]  # the way its authors give
    return made


_MARKDOWN = _make()
