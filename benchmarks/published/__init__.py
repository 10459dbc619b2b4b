"""Numbers that papers, books and courses print, beside what the engine obtains.

``python -m benchmarks.published`` solves every case and writes one table. The facts are in ``data``, each
file with its source.
"""
