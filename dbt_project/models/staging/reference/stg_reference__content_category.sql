select
    content_category_code,
    label_vi,
    label_en
from {{ ref('content_categories') }}
