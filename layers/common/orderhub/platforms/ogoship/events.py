"""What OGOship's webhooks say: that something changed. Their bodies are not documented, so nothing else is believed.

https://openapi.ogoship.com/using-ogoship-openapi-759749m0
"""

from __future__ import annotations

from orderhub.errors import Quarantine
from orderhub.order.messages import Ignored, PollNow
from orderhub.platforms.base import Reading, body_key
from orderhub.platforms.http_types import Request
from orderhub.platforms.ogoship import models


def read(request: Request) -> Reading:
    """That there is something to look at. Raises Quarantine for a body that is no JSON object."""
    body = request.json()
    if not isinstance(body, dict):
        raise Quarantine("the body is not a JSON object")
    trigger = models.read_as(models.Trigger, body)
    if trigger.reference:
        return Reading([PollNow(delivery_key=body_key(request, "order"))])
    if trigger.productcode:
        return Reading([PollNow(delivery_key=body_key(request, "stock"))])
    return Reading(
        [Ignored(delivery_key=body_key(request, "unknown"), reason="it names neither an order nor a product")]
    )
