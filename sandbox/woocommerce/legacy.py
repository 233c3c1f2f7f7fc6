"""The legacy API (wc-api) of the 2.3 and 2.4 days; under way."""

from flask import Blueprint


def legacy_pages(shop):
    return Blueprint("legacy", __name__)
