"""Results of other tools, read from their files: tflint, tfsec, Trivy, Checkov, and whatever writes SARIF."""
