"""An independent reference implementation of the data contract, for comparison with the product."""

from tests.oracle.cells import Limits
from tests.oracle.oracle import Oracle

__all__ = ["Limits", "Oracle"]
