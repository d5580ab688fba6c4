"""``eks-review review --fix``: applies proven suggestions to the working tree."""
