"""Property tests: the same examples in every run, so that a run tells of the change and of nothing else.

`HYPOTHESIS_PROFILE=search` looks for new ones.
"""

import os

from hypothesis import HealthCheck, settings

# A busy machine is no failure, and the first example of some tests loads a library; what fixtures give bears reuse.
# A test that has settings of its own leaves these alone: its list of checks would take the place of this one.
_CHECKS = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=_CHECKS)
settings.register_profile("search", deadline=None, suppress_health_check=_CHECKS)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
