# Answers requests for hosts that no team has claimed yet. Small, and still built like every served workload.

locals {
  default_backend_labels = { app = "default-backend" }
}

module "edge" {
  source = "../tenant"

  name               = "edge"
  team               = "platform"
  quota              = { cpu = "2", memory = "2Gi", volumes = "0" }
  load_balancer_cidr = var.vpc_cidr_block
}

resource "kubernetes_deployment_v1" "default_backend" {
  metadata {
    name      = "default-backend"
    namespace = module.edge.namespace
    labels    = local.default_backend_labels
  }

  spec {
    replicas = 3

    selector {
      match_labels = local.default_backend_labels
    }

    template {
      metadata {
        labels = merge(local.default_backend_labels, { "platform.example.com/served" = "true" })
      }

      spec {
        automount_service_account_token = false

        security_context {
          run_as_non_root = true
          run_as_user     = 65534

          seccomp_profile {
            type = "RuntimeDefault"
          }
        }

        topology_spread_constraint {
          max_skew           = 1
          topology_key       = "topology.kubernetes.io/zone"
          when_unsatisfiable = "ScheduleAnyway"

          label_selector {
            match_labels = local.default_backend_labels
          }
        }

        container {
          name  = "default-backend"
          image = "registry.k8s.io/defaultbackend-amd64:1.5"

          port {
            container_port = 8080
          }

          resources {
            requests = { cpu = "50m", memory = "32Mi" }
            limits   = { memory = "64Mi" }
          }

          security_context {
            allow_privilege_escalation = false
            read_only_root_filesystem  = true

            capabilities {
              drop = ["ALL"]
            }
          }

          readiness_probe {
            http_get {
              path = "/healthz"
              port = 8080
            }
          }
        }
      }
    }
  }

  # The autoscaler below owns the number of replicas.
  lifecycle {
    ignore_changes = [spec[0].replicas]
  }
}

resource "kubernetes_service_v1" "default_backend" {
  metadata {
    name      = "default-backend"
    namespace = module.edge.namespace
  }

  spec {
    selector = local.default_backend_labels

    port {
      port        = 80
      target_port = 8080
    }
  }
}

resource "kubernetes_horizontal_pod_autoscaler_v2" "default_backend" {
  metadata {
    name      = "default-backend"
    namespace = module.edge.namespace
  }

  spec {
    min_replicas = 3
    max_replicas = 9

    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = kubernetes_deployment_v1.default_backend.metadata[0].name
    }

    metric {
      type = "Resource"

      resource {
        name = "cpu"

        target {
          type                = "Utilization"
          average_utilization = 70
        }
      }
    }
  }
}

resource "kubernetes_pod_disruption_budget_v1" "default_backend" {
  metadata {
    name      = "default-backend"
    namespace = module.edge.namespace
  }

  spec {
    max_unavailable = "1"

    selector {
      match_labels = local.default_backend_labels
    }
  }
}
