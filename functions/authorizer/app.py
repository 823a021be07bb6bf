"""Who may call the staff API."""

from orderhub.service.authorizer import authorize

handler = authorize
