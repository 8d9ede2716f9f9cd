"""The weekly bulletin: a static site that tells a publication to the units, with each report to download."""
