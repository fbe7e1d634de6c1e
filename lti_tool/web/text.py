"""Page text: gettext, dates and times in the person's language and zone."""

from datetime import date, datetime
from pathlib import Path

from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import Babel, format_date, format_datetime, format_decimal, get_locale
from flask_babel import get_translations as find_translations
from markupsafe import Markup

from lti_tool.kernel.settings import Settings

_CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
# Welsh is to come: one folder for each language, made from messages.pot.


def speak(app: Flask, settings: Settings) -> None:
    """Sets up translation, and the filters that templates use for moments."""
    app.config["BABEL_DEFAULT_LOCALE"] = settings.language
    app.config["BABEL_DEFAULT_TIMEZONE"] = settings.timezone
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(_CATALOGUES)
    Babel(app)
    # Flask-Babel looks for locale and catalogue in each call: a third of the time of a long page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of Jinja's i18n
        gettext=lambda text: _translations().ugettext(text),
        ngettext=lambda one, many, count: _translations().ungettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.filters["day"] = day
    app.jinja_env.filters["calendar_day"] = calendar_day
    app.jinja_env.filters["calendar_month"] = calendar_month
    app.jinja_env.filters["plain"] = plain_number
    app.jinja_env.globals["page_language"] = lambda: str(get_locale() or settings.language)


def _translations() -> NullTranslations:
    """Returns the catalogue of this request's language, found once."""
    found: NullTranslations | None = g.get("translations")
    if found is None:
        found = g.translations = find_translations()
    return found


def moment(value: datetime) -> Markup:
    """Returns a `<time>` such as "14 March 2027, 14:02", which scripts may put into local time."""
    return _time(value, format_datetime(value, "d MMMM y, HH:mm"))


def day(value: datetime) -> Markup:
    """Returns a `<time>` such as "14 March 2027"."""
    return _time(value, format_datetime(value, "d MMMM y"))


def calendar_day(value: date) -> str:
    """Returns "14 March 2027": a day that is the same in every zone, such as a goal's date."""
    return str(format_date(value, "d MMMM y"))


def calendar_month(value: date) -> str:
    """Returns "March 2027"."""
    return str(format_date(value, "MMMM y"))


def plain_number(value: float) -> str:
    """Returns "14" or "13.5": a grade without zeros that say nothing."""
    return str(format_decimal(round(value, 2)))


def _time(value: datetime, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)
