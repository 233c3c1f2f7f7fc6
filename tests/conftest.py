"""Fixtures that every test folder shares: real servers, started when the first test asks, gone with the session."""

import os

import hypothesis

#: Every generated case is the same on every machine and every run; `./dev soak` looks further, and differently each time.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.register_profile("soak", deadline=None, database=None, print_blob=True, max_examples=5000)
hypothesis.settings.load_profile("soak" if os.environ.get("CLOUDCART_SOAK") else "suite")
