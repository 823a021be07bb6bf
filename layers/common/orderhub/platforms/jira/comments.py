"""Comments for the team alone.

https://developer.atlassian.com/cloud/jira/service-desk/rest/api-group-request/ : on a service project a comment is
public to the customer unless it says that it is not.
"""

from __future__ import annotations

from orderhub.order.ids import digest
from orderhub.platforms.base import Done
from orderhub.platforms.http_types import Http
from orderhub.platforms.jira import adf
from orderhub.platforms.jira.config import JiraConnection
from orderhub.platforms.jira.content import LONGEST_TEXT, cut
from orderhub.platforms.jira.tickets import ticket_id, ticket_path
from orderhub.platforms.targets import Ticket

INTERNAL = {"key": "sd.public.comment", "value": {"internal": True}}


def comment_ticket(ticket: Ticket, text: str, connection: JiraConnection, http: Http) -> Done:
    """Adds a comment, unless the ticket has it: each ends in a mark by which it is known again."""
    path, mark = ticket_path(ticket), f"[ref {digest(ticket.key, text)[:12]}]"
    if mark.encode() in http.request("GET", path, params={"fields": "comment"}).body:
        return Done()
    words = f"{cut(text.strip(), LONGEST_TEXT)}\n\n{mark}"
    if connection.settings.service_desk_id:
        body = {"body": words, "public": False}
        http.request("POST", f"/rest/servicedeskapi/request/{ticket_id(ticket)}/comment", json=body)
    else:
        # The project may be a service desk's all the same; elsewhere the property says nothing.
        document = adf.document(adf.paragraphs(words))
        http.request("POST", f"{path}/comment", json={"body": document, "properties": [INTERNAL]})
    return Done()
