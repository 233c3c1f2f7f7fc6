"""The pairing pages (wc-auth); under way."""

from flask import Blueprint


def pairing_pages(shop):
    return Blueprint("pairing", __name__)
