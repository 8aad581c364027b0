"""Models on onnxruntime: manifests, sessions, providers and sampling."""
