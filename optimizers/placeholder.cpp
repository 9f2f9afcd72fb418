namespace optimizers {}
