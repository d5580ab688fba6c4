# What a plan must not do without somebody typing it out: destroying data.
package main

import rego.v1

guarded := {
	"aws_backup_vault",
	"aws_db_instance",
	"aws_eks_cluster",
	"aws_kms_key",
	"aws_s3_bucket",
}

deny contains message if {
	some change in input.resource_changes
	change.type in guarded
	"delete" in change.change.actions
	message := sprintf("%s would be destroyed; remove it from the plan or ask for an exception", [change.address])
}
