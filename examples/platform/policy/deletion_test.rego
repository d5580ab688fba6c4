package main

import rego.v1

test_refuses_to_destroy_a_database if {
	count(deny) == 1 with input as {"resource_changes": [{
		"address": "aws_db_instance.orders",
		"type": "aws_db_instance",
		"change": {"actions": ["delete", "create"]},
	}]}
}

test_allows_an_update if {
	count(deny) == 0 with input as {"resource_changes": [{
		"address": "aws_db_instance.orders",
		"type": "aws_db_instance",
		"change": {"actions": ["update"]},
	}]}
}
