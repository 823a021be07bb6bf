"""Every minute: counts the orders that wait for an answer."""

from orderhub.service.clock import sweep

handler = sweep
