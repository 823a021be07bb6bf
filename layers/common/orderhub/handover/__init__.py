"""Handing orders over: when, and what is left to tell. Pure; the calls are made by actions/hand_over.py."""
