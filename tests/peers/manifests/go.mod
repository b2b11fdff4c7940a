module howdah/manifests

go 1.25.0

require (
	k8s.io/api v0.37.0
	k8s.io/apimachinery v0.37.0
)
