/* The default backbone's weights as bytes of the program: read by src/nn/embedded_weights.cpp. */
        .section .rodata
        .balign 64
        .hidden iuf_embedded_lite0
        .hidden iuf_embedded_lite0_end
        .global iuf_embedded_lite0
        .global iuf_embedded_lite0_end
iuf_embedded_lite0:
        .incbin "efficientnet_lite0_features.safetensors"
iuf_embedded_lite0_end:
        .section .note.GNU-stack,"",@progbits
