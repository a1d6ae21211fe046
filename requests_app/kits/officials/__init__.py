"""Kit K8 on paper: letters, postcards, e-mail texts, fax sheets and call sheets for officials. Pure, but for printing."""
