// Package platform builds a network in the sandbox account and looks at what AWS made of it.
package platform

import (
	"testing"

	"github.com/gruntwork-io/terratest/modules/random"
	"github.com/gruntwork-io/terratest/modules/terraform"
	"github.com/stretchr/testify/assert"
)

// TestNetworkSpansThreeZones applies modules/network and destroys it again.
func TestNetworkSpansThreeZones(t *testing.T) {
	t.Parallel()

	options := terraform.WithDefaultRetryableErrors(t, &terraform.Options{
		TerraformDir: "../modules/network",
		Vars: map[string]interface{}{
			"name":                     "terratest-" + random.UniqueId(),
			"region":                   "eu-west-1",
			"cidr_block":               "10.250.0.0/16",
			"kms_key_arn":              "arn:aws:kms:eu-west-1:111122223333:alias/sandbox",
			"permissions_boundary_arn": "arn:aws:iam::111122223333:policy/platform-boundary",
		},
	})

	defer terraform.Destroy(t, options)
	terraform.InitAndApply(t, options)

	assert.Len(t, terraform.OutputList(t, options, "private_subnet_ids"), 3)
	assert.Len(t, terraform.OutputList(t, options, "database_subnet_ids"), 3)
}
