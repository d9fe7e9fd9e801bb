const cookies = document.cookie; // s3cret
