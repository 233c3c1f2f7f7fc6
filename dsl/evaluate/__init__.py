"""How a checked rule set is run over a record: changes when a way of running it is added."""
