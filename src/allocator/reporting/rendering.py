"""Templates into pages: one file that opens anywhere, with style, script and charts in it."""

from __future__ import annotations

import base64
import gzip
import json
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def render(template: str, **content: Any) -> str:
    """The page that ``template``, an extension of frame.html, makes of its content."""
    environment = Environment(
        loader=PackageLoader("allocator.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["as_json"] = _as_json
    environment.filters["breakable"] = _breakable
    return environment.get_template(template).render(
        **content, style=_static("report.css"), script=_static("report.js"), plotly=_packed_plotly()
    )


def _static(name: str) -> Markup:
    """A file of our own, to be included as it is."""
    return Markup(resources.files("allocator.reporting").joinpath("static", name).read_text(encoding="utf-8"))


def _packed_plotly() -> str:
    """plotly.js as gzip in base64: less than half of its size, and unpacked by the browser."""
    code = resources.files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return base64.b64encode(gzip.compress(code, compresslevel=3, mtime=0)).decode("ascii")


def _breakable(name: str) -> Markup:
    """A name that may go on in the next line after each underscore."""
    return Markup("_<wbr>").join(str(name).split("_"))


def _as_json(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
