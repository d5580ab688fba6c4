# A namespace as every team gets it: closed in both directions, bounded in size, restricted in privileges.

terraform {
  required_version = ">= 1.11"

  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.38"
    }
  }
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name = var.name

    labels = {
      "pod-security.kubernetes.io/enforce" = "restricted"
      "platform.example.com/team"          = var.team
    }
  }
}

resource "kubernetes_resource_quota_v1" "this" {
  metadata {
    name      = "compute"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }

  spec {
    hard = {
      "requests.cpu"           = var.quota.cpu
      "requests.memory"        = var.quota.memory
      "limits.memory"          = var.quota.memory
      "persistentvolumeclaims" = var.quota.volumes
    }
  }
}

# What a container gets that asks for nothing.
resource "kubernetes_limit_range_v1" "this" {
  metadata {
    name      = "defaults"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }

  spec {
    limit {
      type            = "Container"
      default_request = { cpu = "100m", memory = "128Mi" }
      default         = { memory = "256Mi" }
    }
  }
}

resource "kubernetes_network_policy_v1" "default_deny" {
  metadata {
    name      = "default-deny"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }

  spec {
    pod_selector {}
    policy_types = ["Ingress", "Egress"]
  }
}

# A default deny for egress also denies CoreDNS; nothing would resolve without this.
resource "kubernetes_network_policy_v1" "allow_dns" {
  metadata {
    name      = "allow-dns"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }

  spec {
    pod_selector {}
    policy_types = ["Egress"]

    egress {
      to {
        namespace_selector {
          match_labels = { "kubernetes.io/metadata.name" = "kube-system" }
        }

        pod_selector {
          match_labels = { "k8s-app" = "kube-dns" }
        }
      }

      ports {
        port     = "53"
        protocol = "UDP"
      }

      ports {
        port     = "53"
        protocol = "TCP"
      }
    }
  }
}

# Load balancers reach pods by their address, from inside the VPC, and only pods that say they are served.
resource "kubernetes_network_policy_v1" "allow_load_balancers" {
  metadata {
    name      = "allow-load-balancers"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
  }

  spec {
    pod_selector {
      match_labels = { "platform.example.com/served" = "true" }
    }

    policy_types = ["Ingress"]

    ingress {
      from {
        ip_block {
          cidr = var.load_balancer_cidr
        }
      }

      ports {
        port     = "8080"
        protocol = "TCP"
      }
    }
  }
}
