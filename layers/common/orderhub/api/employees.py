"""/v1/stores/{store_id}/employees."""

from __future__ import annotations

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Path
from pydantic import BaseModel

from orderhub.api.call import IfMatch, Versioned, caller, expected_version, versioned
from orderhub.api.orders import Cursor, Limit
from orderhub.service import employees
from orderhub.service.employees import ID_PATTERN, Employee, EmployeeFields

router = Router()

StoreId = Annotated[str, Path(description="one of your stores")]
EmployeeId = Annotated[str, Path(pattern=ID_PATTERN, description="your own id of the employee")]


class EmployeeList(BaseModel):
    """Part of the list of a store's employees."""

    employees: list[Employee]
    next_cursor: str | None


@router.get("/stores/<store_id>/employees", summary="A store's employees", tags=["employees"])
def list_employees(store_id: StoreId, limit: Limit = 50, cursor: Cursor = None) -> EmployeeList:
    """The people who work in a store, by id."""
    found, next_cursor = employees.list_employees(caller(router), store_id, limit=limit, cursor=cursor)
    return EmployeeList(employees=found, next_cursor=next_cursor)


@router.get("/stores/<store_id>/employees/<employee_id>", summary="One employee", tags=["employees"])
def get_employee(store_id: StoreId, employee_id: EmployeeId) -> Versioned[Employee]:
    """The employee, with their version as ETag."""
    found = employees.get_employee(caller(router), store_id, employee_id)
    return versioned(found, found.version)


@router.put(
    "/stores/<store_id>/employees/<employee_id>",
    summary="Add or change an employee",
    tags=["employees"],
    responses={200: {"description": "Changed"}, 201: {"description": "Made"}},
)
def put_employee(
    store_id: StoreId, employee_id: EmployeeId, fields: Annotated[EmployeeFields, Body()], if_match: IfMatch = None
) -> Versioned[Employee]:
    """Nobody can give, change or take a role above their own."""
    expected = expected_version(if_match)
    found, is_new = employees.put_employee(caller(router), store_id, employee_id, fields, expected)
    return versioned(found, found.version, 201 if is_new else 200)


@router.delete(
    "/stores/<store_id>/employees/<employee_id>", summary="Remove an employee", tags=["employees"], status_code=204
)
def delete_employee(store_id: StoreId, employee_id: EmployeeId) -> Response[None]:
    """Keys and tokens of theirs are worth nothing within a minute."""
    employees.delete_employee(caller(router), store_id, employee_id)
    return Response(204)
