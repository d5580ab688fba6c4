"""EKS Review: reviews Terraform pull requests for EKS platforms."""

__version__ = "0.1.0"
PROJECT_URL = "https://github.com/eks-review/eks-review"
