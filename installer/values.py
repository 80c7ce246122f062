"""Print the identity as ISCC's /D options, one a line."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from myapp import identity

for name in ("NAME", "SLUG", "VERSION", "PUBLISHER", "APP_ID"):
    print(f"/D{name.title().replace('_Id', 'Id')}={getattr(identity, name)}")
