"""Makes the generator of random models and the scenarios of this folder importable."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "response"))
sys.path.insert(0, str(Path(__file__).parent))
