# For fingers that type make; everything is in ./dev.
.PHONY: demo test lint soak bench lock
demo test lint soak bench lock:
	./dev $@
