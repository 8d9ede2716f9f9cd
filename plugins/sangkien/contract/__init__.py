"""The data contract as data: fields, lists of values, rules, names of deliveries, and how texts are compared."""
