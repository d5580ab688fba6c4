# Chaos in staging: every week a third of the nodes disappears. The experiment stops itself when the alarm rings.

resource "aws_fis_experiment_template" "lose_nodes" {
  description = "Terminates a third of the baseline nodes of ${local.name}"
  role_arn    = aws_iam_role.chaos.arn

  action {
    name      = "terminate-nodes"
    action_id = "aws:eks:terminate-nodegroup-instances"

    parameter {
      key   = "instanceTerminationPercentage"
      value = "33"
    }

    target {
      key   = "Nodegroups"
      value = "baseline"
    }
  }

  target {
    name           = "baseline"
    resource_type  = "aws:eks:nodegroup"
    resource_arns  = [module.cluster.node_group_arns["baseline"]]
    selection_mode = "ALL"
  }

  stop_condition {
    source = "aws:cloudwatch:alarm"
    value  = module.alarms.failed_nodes_alarm_arn
  }

  tags = { Name = "${local.name}-lose-nodes" }
}

resource "aws_iam_role" "chaos" {
  name                 = "${local.name}-chaos"
  assume_role_policy   = data.aws_iam_policy_document.chaos_trust.json
  permissions_boundary = data.aws_iam_policy.boundary.arn
}

data "aws_iam_policy_document" "chaos_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["fis.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "chaos" {
  statement {
    sid       = "FindNodes"
    actions   = ["ec2:DescribeInstances", "eks:DescribeNodegroup"]
    resources = ["*"]
  }

  statement {
    sid       = "TerminateNodesOfThisClusterOnly"
    actions   = ["ec2:TerminateInstances"]
    resources = ["arn:aws:ec2:${var.region}:${data.aws_caller_identity.current.account_id}:instance/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/eks:cluster-name"
      values   = [local.name]
    }
  }
}

resource "aws_iam_role_policy" "chaos" {
  name   = "terminate-own-nodes"
  role   = aws_iam_role.chaos.id
  policy = data.aws_iam_policy_document.chaos.json
}
