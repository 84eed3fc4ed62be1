"""How to send to a source: a few lines for each usual sender, with this server's address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from pupitre.lake.contracts import Channel

PLACEHOLDER = "WRITE_KEY"
_BROWSER_SEGMENT = """\
import {{ AnalyticsBrowser }} from "@segment/analytics-next"

const analytics = AnalyticsBrowser.load(
  {{ writeKey: "{key}", cdnURL: "{url}" }},
  {{ integrations: {{ "Segment.io": {{ apiHost: "{host}/v1", protocol: "{scheme}" }} }} }},
)
analytics.page()
analytics.track("Product Added", {{ product_id: "A-12", price: 39.9 }})"""
_BROWSER_RUDDER = """\
import {{ RudderAnalytics }} from "@rudderstack/analytics-js/bundled"

const rudder = new RudderAnalytics()
rudder.load("{key}", "{url}", {{ configUrl: "{url}" }})
rudder.page()"""
_NODE = """\
import {{ Analytics }} from "@segment/analytics-node"

const analytics = new Analytics({{ writeKey: "{key}", host: "{url}" }})
analytics.track({{ userId: "42", event: "Order Completed", properties: {{ total: 39.9 }} }})
await analytics.closeAndFlush()"""
_PYTHON = """\
import segment.analytics as analytics

analytics.write_key = "{key}"
analytics.host = "{url}"
analytics.track("42", "Order Completed", {{"total": 39.9, "currency": "EUR"}})
analytics.flush()"""
_PYTHON_RUDDER = """\
import rudderstack.analytics as rudder

rudder.write_key = "{key}"
rudder.dataPlaneUrl = "{url}"
rudder.track("42", "Order Completed", {{"total": 39.9, "currency": "EUR"}})
rudder.flush()"""
_CURL = """\
curl --user "{key}:" --header "content-type: application/json" \\
  --data '{{"userId": "42", "event": "Order Completed", "properties": {{"total": 39.9}}}}' \\
  {url}/v1/track"""

_IN_A_BROWSER = (
    ("Segment", _BROWSER_SEGMENT),
    ("RudderStack", _BROWSER_RUDDER),
)
_ON_A_SERVER = (
    ("Python · Segment", _PYTHON),
    ("Python · RudderStack", _PYTHON_RUDDER),
    ("Node · Segment", _NODE),
    ("curl", _CURL),
)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few lines of a sender. ``first``: what this channel most likely uses."""

    title: str
    code: str
    first: bool


def snippets(key: str, channel: Channel) -> tuple[Snippet, ...]:
    """For each sender, those that suit the channel first."""
    url = settings.PUBLIC_URL.rstrip("/")
    parts = urlsplit(url)
    browser_first = channel is Channel.WEB
    browser = _("Browser")
    in_a_browser = tuple((f"{browser} · {sdk}", text) for sdk, text in _IN_A_BROWSER)
    order = (*in_a_browser, *_ON_A_SERVER) if browser_first else (*_ON_A_SERVER, *in_a_browser)
    return tuple(
        Snippet(
            title,
            text.format(key=key, url=url, host=parts.netloc, scheme=parts.scheme),
            first=position == 0,
        )
        for position, (title, text) in enumerate(order)
    )
