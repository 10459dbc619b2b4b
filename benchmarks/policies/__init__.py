"""How much better than rules of thumb, on which certainty, and where the rules of thumb are good enough.

The search's small matrices are slower with threads, and its last digits depend on them: one thread a process.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
