"""`./dev bench [NAME…]`: runs the measurements by name, all of them if none is named."""

import importlib
import pkgutil
import sys

import bench


def names() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_"))


def main(wanted: list[str]) -> None:
    wanted = [name.replace("-", "_") for name in wanted]
    unknown = [name for name in wanted if name not in names()]
    if unknown:
        sys.exit(f"There is no measurement {unknown[0]!r}; there are: {', '.join(names())}.")
    for name in wanted or names():
        module = importlib.import_module(f"bench.{name}")
        if not hasattr(module, "run"):
            continue  # what several measurements share
        print(f"{name}: {(module.__doc__ or '').strip().splitlines()[0]}", flush=True)
        module.run()


if __name__ == "__main__":
    main(sys.argv[1:])
