"""Plays the REST API of a Jira site with one project and one service desk, and sends its webhooks.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and https://developer.atlassian.com/cloud/jira/service-desk/rest/
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from local.standins.jira_checks import NO_DOCUMENT, check_issue, is_document
from local.standins.jira_hooks import Send, post, send_one
from local.standins.jira_search import row, search
from local.standins.jira_site import Site, account, invalid, no_field, no_issue
from local.standins.samples import jira as samples
from local.standins.samples.jira import BOT, PROJECT
from local.standins.tokens import Tokens
from local.standins.vendor import Clock, Json, Refused, Vendor, answer, body_of, system_clock

API_TOKEN = "demo-jira-token"  # noqa: S105 - made up, good only here
WEBHOOK_SECRET = "demo-jira-webhook-secret"  # noqa: S105 - made up, good only here
CLOUD_ID = "11111111-2222-4333-8444-555555555555"
GATEWAY = f"/ex/jira/{CLOUD_ID}"
SERVICE_DESK, REQUEST_TYPE = "10", "25"
_ISSUE = "/rest/api/3/issue/<name>"
_DESK = "/rest/servicedeskapi"

_API = (
    ("POST", "/rest/api/3/issue", "create_issue"),
    ("GET", "/rest/api/3/issue/createmeta/<project>/issuetypes", "list_issue_types"),
    ("GET", _ISSUE, "get_issue"),
    ("PUT", _ISSUE, "edit_issue"),
    ("GET", f"{_ISSUE}/transitions", "list_transitions"),
    ("POST", f"{_ISSUE}/transitions", "make_transition"),
    ("POST", f"{_ISSUE}/comment", "add_comment"),
    ("PUT", f"{_ISSUE}/properties/<key>", "set_property"),
    ("POST", "/rest/api/3/search/jql", "search_issues"),
    ("GET", "/rest/api/3/search", "removed"),
    ("POST", "/rest/api/3/search", "removed"),
    ("POST", f"{_DESK}/request", "create_request"),
    ("POST", f"{_DESK}/request/<name>/comment", "add_request_comment"),
    ("GET", f"{_DESK}/servicedesk/<desk>/requesttype/<kind>/field", "list_request_fields"),
)


class Jira(Vendor):
    """The stand-in.

    Its settings. scoped: the token has scopes, and is good at the gateway's path alone. screen, required_fields: fields
    of the project; request_fields, request_required: of the request type. search_lag_seconds: until a search shows a
    new issue. sets_resolution, clears_resolution, resolution_on_screen: what the workflow does about the resolution.
    webhook_url, webhook_secret, webhook_events: where events go, how they are signed, and which.
    """

    slug = "jira"
    routes = (
        ("GET", "/_edge/tenant_info", "tenant_info"),
        *_API,
        *((method, f"{GATEWAY}{path}", name) for method, path, name in _API),
    )
    open_routes = frozenset({"tenant_info"})
    default_settings: ClassVar[Mapping[str, Any]] = {
        "scoped": False,
        "screen": ["description", "labels", "priority", "components"],
        "required_fields": [],
        "request_fields": ["summary", "description"],
        "request_required": ["summary"],
        "search_lag_seconds": 0,
        "sets_resolution": True,
        "clears_resolution": True,
        "resolution_on_screen": False,
        "webhook_url": "",
        "webhook_secret": WEBHOOK_SECRET,
        "webhook_events": ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"],
    }
    kept = ("site",)

    def __init__(self, clock: Clock = system_clock, send: Send = post) -> None:
        self.send = send
        super().__init__(clock)

    def clear(self) -> None:
        """Start anew."""
        self.tokens = Tokens("")
        self.site = Site(self.clock)

    def memory(self) -> Json:
        """As of every vendor; the clock stays behind."""
        return {**super().memory(), "site": replace(self.site, clock=system_clock)}

    def recall(self, memory: Json) -> None:
        """As of every vendor, by this one's clock."""
        super().recall(memory)
        self.site.clock = self.clock

    def credentials(self) -> Json:
        """What a connection needs."""
        return {"email": BOT.email, "api_token": API_TOKEN, "webhook_secrets": [WEBHOOK_SECRET]}

    def authorize(self, request: Request) -> None:
        """HTTP Basic with mail address and token; a token with scopes is good at the gateway alone."""
        wanted = "Basic " + base64.b64encode(f"{BOT.email}:{API_TOKEN}".encode()).decode()
        given = request.headers.get("Authorization", "")
        right_place = request.path.startswith(GATEWAY) == self.settings["scoped"]
        if not hmac.compare_digest(given.encode(), wanted.encode()) or not right_place:
            raise Refused(401, {"errorMessages": ["Client must be authenticated to access this resource."]})

    def no_such_path(self) -> Response:
        """404."""
        return answer({"errorMessages": ["null for uri"], "errors": {}}, 404)

    def handle(self, request: Request) -> Response:
        """As of every vendor; what happened by it is told afterwards."""
        response = super().handle(request)
        self._tell()
        return response

    # --- issues -------------------------------------------------------------------------------------------------------

    def create_issue(self, request: Request) -> Response:
        """A new issue of the fields that the project takes."""
        body = body_of(request)
        fields = body.get("fields", {})
        check_issue(fields, self.settings)
        told = {name: fields[name] for name in ("summary", "description", "labels") if name in fields}
        told |= {"priority": fields["priority"]["name"]} if "priority" in fields else {}
        told |= {"components": [one["name"] for one in fields["components"]]} if "components" in fields else {}
        properties = {one["key"]: one["value"] for one in body.get("properties", ())}
        issue = self.site.create(BOT, **told, properties=properties)
        url = f"{samples.SITE_URL}/rest/api/3/issue/{issue['id']}"
        return answer({"id": issue["id"], "key": issue["key"], "self": url}, 201)

    def get_issue(self, request: Request, name: str) -> Response:
        """An issue, with the fields that are asked for."""
        asked = request.args.get("fields")
        names = asked.split(",") if asked else [*samples.fields(self.site.issue(name)), "comment"]
        return answer({"fields": {}, **row(self.site.issue(name), names)})

    def edit_issue(self, request: Request, name: str) -> Response:
        """Adds labels."""
        issue, update = self.site.issue(name), body_of(request).get("update", {})
        if "labels" in update and "labels" not in self.settings["screen"]:
            raise invalid(labels=no_field("labels"))
        added = [one["add"] for one in update.get("labels", ()) if one["add"] not in issue["labels"]]
        if any(" " in label for label in added):
            raise invalid(labels="The label contains spaces which is invalid.")
        self.site.edit(issue, BOT, {"labels": [*issue["labels"], *added]})
        return answer(status=204)

    def list_issue_types(self, _request: Request, project: str) -> Response:
        """The types of issue that can be made."""
        if project != samples.PROJECT:
            raise Refused(404, {"errorMessages": [f"No project could be found with key '{project}'."], "errors": {}})
        types = [{"id": "10011", "name": "Task", "subtask": False}, {"id": "10012", "name": "Bug", "subtask": False}]
        return answer({"startAt": 0, "maxResults": 50, "total": len(types), "issueTypes": types})

    def list_transitions(self, _request: Request, name: str) -> Response:
        """The ways from where it is."""
        ways = self.site.ways(self.site.issue(name))
        rows = [{"id": number, "name": way, "to": samples.status(to)} for number, way, to in ways]
        return answer({"expand": "transitions", "transitions": rows})

    def make_transition(self, request: Request, name: str) -> Response:
        """One of them. The resolution can be told where it is on the transition's screen."""
        issue, body = self.site.issue(name), body_of(request)
        wanted, fields = body.get("transition", {}).get("id"), body.get("fields", {})
        to = next((to for number, _, to in self.site.ways(issue) if number == wanted), None)
        if to is None:
            raise invalid(f"It seems that you have tried to perform a workflow operation ({wanted}) that is not valid.")
        if "resolution" not in fields:
            self.site.move(issue, to, BOT, self.settings)
        elif self.settings["resolution_on_screen"]:
            chosen = fields["resolution"]
            self.site.move(issue, to, BOT, self.settings, resolution=chosen["name"] if chosen else None)
        else:
            raise invalid(resolution=no_field("resolution"))
        return answer(status=204)

    def add_comment(self, request: Request, name: str) -> Response:
        """A comment; on a service project the customer sees it unless a property says that it is internal."""
        issue, body = self.site.issue(name), body_of(request)
        if not is_document(body.get("body")):
            raise invalid(comment=NO_DOCUMENT)
        properties = {one["key"]: one["value"] for one in body.get("properties", ())}
        public = not properties.get("sd.public.comment", {}).get("internal", False)
        made = self.site.comment(issue, body["body"], BOT, public=public)
        return answer({"id": made["id"], "jsdPublic": public}, 201)

    def set_property(self, request: Request, name: str, key: str) -> Response:
        """A property, new or replaced."""
        issue = self.site.issue(name)
        status = 200 if key in issue["properties"] else 201
        issue["properties"][key] = body_of(request)
        return answer(status=status)

    def search_issues(self, request: Request) -> Response:
        """The issues that fit, as far as the index has them by now."""
        return answer(search(self.site, body_of(request), float(self.settings["search_lag_seconds"])))

    def removed(self, _request: Request) -> Response:
        """The search of old is gone."""
        message = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
        return answer({"errorMessages": [message], "errors": {}}, 410)

    # --- the service desk ---------------------------------------------------------------------------------------------

    def create_request(self, request: Request) -> Response:
        """A new request of the fields that its type has."""
        body = body_of(request)
        if (body.get("serviceDeskId"), body.get("requestTypeId")) != (SERVICE_DESK, REQUEST_TYPE):
            raise Refused(404, {"errorMessage": "The request type does not exist."})
        values = body.get("requestFieldValues", {})
        unknown = [name for name in values if name not in self.settings["request_fields"]]
        missing = [name for name in self.settings["request_required"] if not values.get(name)]
        if unknown or missing or not isinstance(values.get("description", ""), str):
            raise Refused(400, {"errorMessage": f"The fields {', '.join(unknown or missing)} are not valid."})
        told = {name: values[name] for name in ("summary", "description", "labels") if name in values}
        told |= {"priority": values["priority"]["name"]} if "priority" in values else {}
        issue = self.site.create(BOT, **told, request=body, issuetype="Service request")
        return answer(self._request(issue, body), 201)

    def add_request_comment(self, request: Request, name: str) -> Response:
        """A comment in plain text."""
        issue, body = self.site.issue(name), body_of(request)
        if issue["request"] is None:
            raise no_issue()
        if not isinstance(body.get("body"), str) or not body["body"] or not isinstance(body.get("public"), bool):
            raise Refused(400, {"errorMessage": "The comment is not valid."})
        made = self.site.comment(issue, body["body"], BOT, public=body["public"])
        return answer({"id": made["id"], "body": made["body"], "public": made["public"]}, 201)

    def list_request_fields(self, _request: Request, desk: str, kind: str) -> Response:
        """The fields of the one request type."""
        if (desk, kind) != (SERVICE_DESK, REQUEST_TYPE):
            raise Refused(404, {"errorMessage": "The request type does not exist."})
        needed = self.settings["request_required"]
        rows = [{"fieldId": one, "name": one, "required": one in needed} for one in self.settings["request_fields"]]
        return answer({"canRaiseOnBehalfOf": True, "canAddRequestParticipants": True, "requestTypeFields": rows})

    def tenant_info(self, _request: Request) -> Response:
        """Which cloud the site is."""
        return answer({"cloudId": CLOUD_ID})

    # --- what tests and the demo do -----------------------------------------------------------------------------------

    def put_order(self, body: Json) -> str:
        """An issue that somebody opens by hand: `summary`, and other fields of it."""
        number = str(self.site.create(account(body.get("by")), **{"summary": body["summary"], **_plain(body)})["id"])
        self._tell()
        return number

    def change_order(self, order_id: str, changes: Json) -> Json:
        """Something happens to an issue, by the agent unless `by` says otherwise.

        status: it moves there; resolution: that alone changes; comment: somebody comments; deleted: it is gone; again:
        the last event about it is sent once more; any other field changes. silently: no webhook tells of it.
        """
        issue, by = self.site.issues[order_id], account(changes.get("by"))
        if "status" in changes:
            self.site.move(issue, changes["status"], by, self.settings)
        if "resolution" in changes:
            self.site.edit(issue, by, {"resolution": changes["resolution"]})
        if changes.get("comment"):
            self.site.comment(issue, changes["comment"], by, public=changes.get("public", False))
        if plain := _plain(changes):
            self.site.edit(issue, by, plain)
        if changes.get("deleted"):
            self.site.delete(issue, by)
        if changes.get("again"):
            self.site.untold.append(next(one for one in reversed(self.site.told) if one["issue"] == order_id))
        if changes.get("silently"):
            self.site.untold.clear()
        self._tell()
        return self._view(issue)

    def view(self, order_id: str) -> Json:
        """An issue by its id or key, with its comments and the events about it."""
        try:
            return self._view(self.site.issue(order_id))
        except Refused:
            raise KeyError(order_id) from None

    def order_ids(self) -> list[str]:
        """The ids of the issues there are."""
        return list(self.site.issues)

    def aliases(self, order_id: str) -> set[str]:
        """An issue can be named by its key, too."""
        return {one["key"] for one in self.site.issues.values() if one["id"] == order_id}

    def _view(self, issue: Json) -> Json:
        return {**issue, "events": [one for one in self.site.told if one["issue"] == issue["id"]]}

    def _tell(self) -> None:
        with self.lock:
            untold, self.site.untold = self.site.untold, []
        for event in untold:
            send_one(event, self.settings, self.send)

    def _request(self, issue: Json, body: Json) -> Json:
        web = f"{samples.SITE_URL}/servicedesk/customer/portal/{SERVICE_DESK}/{issue['key']}"
        values = [{"fieldId": name, "label": name, "value": one} for name, one in body["requestFieldValues"].items()]
        return {
            "issueId": issue["id"],
            "issueKey": issue["key"],
            "requestTypeId": REQUEST_TYPE,
            "serviceDeskId": SERVICE_DESK,
            "requestFieldValues": values,
            "currentStatus": {"status": issue["status"], "statusCategory": "NEW"},
            "_links": {"web": web, "agent": f"{samples.SITE_URL}/browse/{issue['key']}"},
        }


def _plain(told: Json) -> Json:
    return {name: told[name] for name in ("summary", "description", "labels", "priority") if name in told}


def connection_settings(address: str) -> Json:
    """Settings of a connection to this stand-in at an address."""
    return {"base_url": address, "site_url": samples.SITE_URL, "project_key": PROJECT, "account_id": BOT.account_id}
