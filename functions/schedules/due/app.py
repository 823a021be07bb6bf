"""Every minute: does what staff asked to be done at a time."""

from orderhub.actions.due import do_what_is_due

handler = do_what_is_due
