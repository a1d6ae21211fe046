"""Kit K8 on paper: letters, postcards, e-mail texts and fax sheets for officials. Pure, but for printing."""
