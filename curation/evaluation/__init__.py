"""How good the pipeline is, measured on renders whose motion is known and on real clips."""
