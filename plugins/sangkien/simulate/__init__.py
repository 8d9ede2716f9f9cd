"""Simulated deliveries: an inbox of the programme's size and shape, calibrated to the published figures."""

from sangkien.simulate.run import SimulationResult, simulate
from sangkien.simulate.truth import Figures

__all__ = ["Figures", "SimulationResult", "simulate"]
