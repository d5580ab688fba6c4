# The one database of the platform: orders of the storefront. Staging restores it from a masked snapshot on demand.

resource "aws_db_subnet_group" "orders" {
  name       = "${local.name}-orders"
  subnet_ids = module.network.database_subnet_ids
}

resource "aws_security_group" "orders" {
  name_prefix = "${local.name}-orders-"
  description = "PostgreSQL of the orders service"
  vpc_id      = module.network.vpc_id

  tags = { Name = "${local.name}-orders" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "orders_from_pods" {
  security_group_id            = aws_security_group.orders.id
  description                  = "PostgreSQL from the nodes and pods of the cluster"
  referenced_security_group_id = module.cluster.security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_parameter_group" "orders" {
  name_prefix = "${local.name}-orders-"
  family      = "postgres17"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "orders" {
  identifier     = "${local.name}-orders"
  engine         = "postgres"
  engine_version = "17"
  instance_class = "db.m7g.large"
  db_name        = "orders"
  username       = "orders_admin"

  # RDS keeps the password in Secrets Manager and rotates it; it is neither in the code nor in the state.
  manage_master_user_password   = true
  master_user_secret_kms_key_id = module.encryption.key_arn

  storage_type          = "gp3"
  allocated_storage     = 200
  max_allocated_storage = 1000
  storage_encrypted     = true
  kms_key_id            = module.encryption.key_arn

  multi_az               = true
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.orders.name
  parameter_group_name   = aws_db_parameter_group.orders.name
  vpc_security_group_ids = [aws_security_group.orders.id]

  backup_retention_period   = 14
  backup_window             = "01:30-02:30"
  maintenance_window        = "sun:03:00-sun:04:00"
  deletion_protection       = true
  skip_final_snapshot       = false
  final_snapshot_identifier = "${local.name}-orders-final"
  copy_tags_to_snapshot     = true

  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]

  # Selected by the backup plan, and so copied to the second region too.
  tags = { Backup = "daily" }

  depends_on = [aws_cloudwatch_log_group.orders]
}

resource "aws_cloudwatch_log_group" "orders" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${local.name}-orders/${each.value}"
  retention_in_days = 365
  kms_key_id        = module.encryption.key_arn
}

# Point-in-time recovery in the second region, between the daily copies.
resource "aws_db_instance_automated_backups_replication" "orders" {
  provider = aws.dr

  source_db_instance_arn = aws_db_instance.orders.arn
  kms_key_id             = module.encryption_dr.key_arn
  retention_period       = 14
}

resource "aws_cloudwatch_metric_alarm" "orders_storage" {
  alarm_name          = "${local.name}-orders-storage"
  alarm_description   = "The orders database has less than 20 GiB left and has stopped growing."
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  dimensions          = { DBInstanceIdentifier = aws_db_instance.orders.identifier }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 21474836480
  period              = 300
  evaluation_periods  = 3
  alarm_actions       = [module.alarms.topic_arn]
  ok_actions          = [module.alarms.topic_arn]
}
