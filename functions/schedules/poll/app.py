"""Every minute: asks for the polls that are due."""

from orderhub.actions.poll_connection import send_due_polls

handler = send_due_polls
