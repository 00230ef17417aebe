"""What every training has: the loop over steps, the rate, the averaged weights, going on later."""
