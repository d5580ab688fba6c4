# Notebooks for the analysts: who reaches them, what they may read, where they log.

resource "aws_security_group" "notebooks" {
  name        = "${local.name}-notebooks"
  description = "Notebook pods"
  vpc_id      = module.vpc.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "notebooks_office" {
  security_group_id = aws_security_group.notebooks.id
  description       = "Notebooks from the office"
  cidr_ipv4         = var.office_cidr
  ip_protocol       = "tcp"
  from_port         = 8888
  to_port           = 8888
}

resource "aws_vpc_security_group_ingress_rule" "notebooks_ssh" {
  security_group_id = aws_security_group.notebooks.id
  description       = "SSH, until the consultants are done"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
}

resource "aws_cloudwatch_log_group" "notebooks" {
  name = "/analytics/notebooks"
}

resource "aws_ssm_parameter" "notebook_admin" {
  name   = "/analytics/notebooks/admin"
  type   = "SecureString"
  key_id = aws_kms_key.analytics.arn
  value  = var.notebook_admin_password
}

resource "aws_iam_role" "notebooks" {
  name               = "${local.name}-notebooks"
  assume_role_policy = data.aws_iam_policy_document.pod_identity_trust.json
}

resource "aws_iam_role_policy_attachment" "notebooks_athena" {
  role       = aws_iam_role.notebooks.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
}

data "aws_iam_policy_document" "notebooks" {
  statement {
    sid       = "Catalog"
    actions   = ["glue:*"]
    resources = ["*"]
  }

  statement {
    sid       = "Results"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.results.arn}/*"]
  }
}

resource "aws_iam_role_policy" "notebooks" {
  name   = "notebooks"
  role   = aws_iam_role.notebooks.id
  policy = data.aws_iam_policy_document.notebooks.json
}

resource "aws_eks_pod_identity_association" "notebooks" {
  cluster_name    = aws_eks_cluster.analytics.name
  namespace       = "notebooks"
  service_account = "notebooks"
  role_arn        = aws_iam_role.notebooks.arn
}
